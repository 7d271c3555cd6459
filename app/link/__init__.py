"""What joins the controller and its screens: commands in, snapshots out, over the owner's own sockets."""

"""What joins the controller and its screens: commands in, snapshots out, over sockets of the owner's alone."""
